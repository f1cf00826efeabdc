"""What operators ask and mend with: audit, dead letters, explanations, replays, the doctor."""
