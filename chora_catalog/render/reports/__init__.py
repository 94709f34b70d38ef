"""Findings in the forms that programs read: one module for each form."""
