"""FROM YAML TO DOMAIN: the only package that knows pydantic and YAML. Read ``schema`` first."""
