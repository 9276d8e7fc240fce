"""The monthly report: one page for leaders, made once from the numbers, told as HTML, as PDF and in a terminal."""
