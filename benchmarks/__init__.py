"""What is measured, how, and against what. `python -m benchmarks` runs them all; each module stands for one room."""
