namespace Serverless.Automation.Maturity;

/// <summary>One thing that a level asks for.</summary>
/// <param name="Level">The level that asks for it.</param>
/// <param name="Name">What it asks for.</param>
/// <param name="IsMet">Whether it was found.</param>
/// <param name="Evidence">What was found, or what was looked for and not found.</param>
/// <param name="Next">How to get there.</param>
public sealed record MaturityCriterion(int Level, string Name, bool IsMet, string Evidence, string Next);

/// <summary>
/// The level of maturity that a workspace has reached: 0 by hand; 1 pipelines, tracked and reproducible; 2 started by git, promoted by
/// comparison; 3 retrains itself on what it observes and takes a bad version back by itself.
/// </summary>
public sealed record MaturityReport(IReadOnlyList<MaturityCriterion> Criteria)
{
    /// <summary>The highest level whose criteria, and those of all below, are met.</summary>
    public int Level => Enumerable.Range(1, 3).TakeWhile(level => Criteria.Where(c => c.Level == level).All(c => c.IsMet)).LastOrDefault();

    public string LevelName =>
        Level switch
        {
            0 => "by hand",
            1 => "pipelines",
            2 => "continuous delivery",
            _ => "continuous training",
        };

    /// <summary>What to do first: what the next level lacks.</summary>
    public MaturityCriterion? NextStep => Criteria.Where(c => !c.IsMet).MinBy(c => c.Level);
}
