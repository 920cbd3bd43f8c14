namespace Serverless.Automation.Maturity;

/// <summary>One criterion of a level.</summary>
/// <param name="Level">The level that requires it.</param>
/// <param name="Name">The requirement.</param>
/// <param name="IsMet">Whether it is met.</param>
/// <param name="Evidence">What was found, or what is missing.</param>
/// <param name="Next">The step that meets it.</param>
public sealed record MaturityCriterion(int Level, string Name, bool IsMet, string Evidence, string Next);

/// <summary>
/// The MLOps maturity level of a workspace: 0 manual; 1 tracked and reproducible pipelines; 2 started by Git, promoted by comparison;
/// 3 retrains on observations and rolls back bad versions automatically.
/// </summary>
public sealed record MaturityReport(IReadOnlyList<MaturityCriterion> Criteria)
{
    /// <summary>The highest level whose criteria are met, along with those of all lower levels.</summary>
    public int Level => Enumerable.Range(1, 3).TakeWhile(level => Criteria.Where(c => c.Level == level).All(c => c.IsMet)).LastOrDefault();

    public string LevelName =>
        Level switch
        {
            0 => "manual",
            1 => "pipelines",
            2 => "continuous delivery",
            _ => "continuous training",
        };

    /// <summary>The first unmet criterion of the next level.</summary>
    public MaturityCriterion? NextStep => Criteria.Where(c => !c.IsMet).MinBy(c => c.Level);
}
