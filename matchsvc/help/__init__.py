"""What is this page for, and what does that word mean?"""
