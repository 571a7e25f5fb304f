"""Pictures of figures, drawn on the server as SVG: no script, no style sheet, nothing fetched."""
