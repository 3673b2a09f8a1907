"""The article's claims beside what trainings say of them: which hold, decided from the figures alone."""
