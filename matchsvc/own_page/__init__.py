"""What does somebody see of her own case, in which language, and what does she say of it?"""
