"""Checks of the log: was what somebody read hers to read, and who has looked?"""
