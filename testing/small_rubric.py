"""A rubric of three criteria and one round, for tests that only need some rubric."""

from domain.evidence.rubric import Agreement, Criterion, Round

CRITERIA = tuple(
    Criterion(
        id=f"K{rank}",
        rank=rank,
        behaviour=f"does thing {rank} monthly",
        weight="must" if rank < 3 else "growth",
        why="the job is that",
        proof="a story of it",
        questions=("when did you last?",),
        anchors={"1": "never", "2": "helped", "3": "did", "4": "taught"},
    )
    for rank in (1, 2, 3)
)
PLAN = (Round(round=1, kind="conversation", criteria=("K1", "K2"), minutes=45, final=True),)
AGREEMENT = Agreement(
    candidates_expected=5, within_days=20, meet_every_days=7, interviewing="one round", updates="weekly"
)
