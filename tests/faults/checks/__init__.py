"""The checks, one module for each family of faults. `tests.faults.all_checks` lists them."""
