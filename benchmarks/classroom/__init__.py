"""What a class behind one address gets, and what it costs: students who press play, and phones that vote."""
