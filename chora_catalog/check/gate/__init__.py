"""What the gate refuses in a pull request: records are added and never changed, and nobody agrees for anybody else."""
