"""Activities and groups, who came, and the local network: services and structural obstacles."""
