# A placeholder for the DAG.
