"""What has to be there before a unit can work, and what is still missing?"""
