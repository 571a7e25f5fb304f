"""An invented town to try the product on."""
