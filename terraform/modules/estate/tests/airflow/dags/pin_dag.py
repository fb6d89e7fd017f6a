# Stands for the DAG.
