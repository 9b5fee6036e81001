"""An invented company, Ficticia, whose hidden truths are known: what the product is shown on, and tried on."""
