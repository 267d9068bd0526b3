"""What can be asked, each question a method: from `service`, the way of all of them, up to `lessons`."""
