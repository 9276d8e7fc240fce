"""The Streamlit pages: each view answers one question, draws, and never queries."""
