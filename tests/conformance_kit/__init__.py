"""The checks behind `tests.conformance`, one file per part of the contract."""
