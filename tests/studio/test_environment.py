"""Which variables the user's code may see."""

from cutaway.studio.process.child import passed_on


def test_no_secret_is_among_the_variables_that_code_can_see():
    given = {"PATH": "/bin", "HF_TOKEN": "1", "AWS_SECRET_ACCESS_KEY": "2", "LC_ALL": "C",
             "CUTAWAY_HOME": "/home", "CUTAWAY_TOKEN": "3", "DATABASE_URL": "4",
             "XDG_api_key": "5", "MY_OWN": "6", "OMP_NUM_THREADS": "1"}
    assert set(passed_on(given)) == {"PATH", "LC_ALL", "CUTAWAY_HOME", "OMP_NUM_THREADS"}
