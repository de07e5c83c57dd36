"""`check report`: what is known of the designs as pages that link to each other."""
