"""The article whose claims the experiments test, named here alone."""

TITLE = "Neural Network Optimizers: Training at Scale"
AUTHOR = "Nilavukkarasan R"
SITE = "DEV Community"
ADDRESS = "https://dev.to/rnilav/neural-network-optimizers-from-baby-steps-to-intelligent-learning-44po"
