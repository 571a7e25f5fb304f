"""What was entered by mistake, who archived it, and how does it come back?"""
