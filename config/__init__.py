"""What the school decides, and where things lie: settings, policy, the state folder. Imports nothing else of ours."""
