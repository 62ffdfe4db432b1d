"""What drafters are worth: measured on calls and résumés that careful readers have marked, and under attack."""
