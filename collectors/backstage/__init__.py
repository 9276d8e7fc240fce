"""Backstage: the catalog and the scaffolder's tasks."""
