"""Jenkins: builds and stages of folders and multibranch projects."""
