"""Pictures of single stops of a course: each shows one thing."""
