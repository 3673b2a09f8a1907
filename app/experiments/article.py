"""The article whose claims the experiments test, named here alone."""

from urllib.parse import quote as encoded

TITLE = "Neural Network Optimizers: Training at Scale"
AUTHOR = "Nilavukkarasan R"
SITE = "DEV Community"
ADDRESS = "https://dev.to/rnilav/neural-network-optimizers-from-baby-steps-to-intelligent-learning-44po"

# So many words at both ends of a passage distinguish it from others.
ENDS = 4


def passage(quote: str) -> str:
    """The address of these words in the article: a browser scrolls to them and marks them."""
    words = quote.split()
    # https://wicg.github.io/scroll-to-text-fragment/: a comma parts the ends, and dashes have a meaning.
    ends = [encoded(" ".join(part), safe="").replace("-", "%2D") for part in (words[:ENDS], words[-ENDS:])]
    return f"{ADDRESS}#:~:text={','.join(ends)}"
