"""A kind of job for test_celery, known to its worker too: `celery worker --include=tests.core.round_trip`."""

from banzhuang.core import jobs

KIND = "tests.round_trip"


@jobs.job(KIND, "往返一次")
def round_trip(job):
    """Does as told: counts to `count`, or fails with `sentence`."""
    if job.arguments.get("sentence"):
        raise jobs.JobFailed(job.arguments["sentence"])
    jobs.progress(job, 1, job.arguments["count"], "步")
    jobs.progress(job, job.arguments["count"], job.arguments["count"], "步")
    return {"said": f"{job.arguments['month']}做好了。"}
