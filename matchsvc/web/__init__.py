"""What knows no user: forms, problem details, page components, templates, static files, words."""
