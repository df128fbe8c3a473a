"""The layouts and label formats that people have, one module each; `registry` lists them."""
