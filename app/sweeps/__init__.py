"""What a sweep is: a grid of trainings, and what came out of them."""
