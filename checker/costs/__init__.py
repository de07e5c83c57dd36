"""What designs cost: the dearest paths of all, and the mean over random ones."""
