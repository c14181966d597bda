"""Generated from protos/outguard/v1 by scripts/gen_protos.py."""
