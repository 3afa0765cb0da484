"""The sample that the local wire serves: invented publishers, their feeds and stories, in two editions."""
