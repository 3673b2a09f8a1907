/** Shows the server's own description of its commands; the library comes before this, as a global. */
SwaggerUIBundle({ url: 'openapi.json', dom_id: '#commands', deepLinking: true });
