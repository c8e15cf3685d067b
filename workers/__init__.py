"""What happens next: jobs, rules, agreements, notices, mail out."""
