"""What developers feel about the same waits that the events measure: instruments, waves, answers, scores."""
