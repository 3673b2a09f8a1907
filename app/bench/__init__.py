"""`playground bench`: what a step, a race and a viewer cost on this machine. Nothing else imports it."""
