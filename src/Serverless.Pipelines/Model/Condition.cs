using System.Text.Json;
using Serverless.Core;

namespace Serverless.Pipelines.Model;

/// <summary>A reference in a condition.</summary>
/// <param name="Text">The reference as written: `compare.promote`, `params.a.b`.</param>
/// <param name="Task">The task with the output; null for a parameter.</param>
/// <param name="Name">The output's name, or the parameter's path after `params.`. Dots may be part of a name (a metric `test.auc`) or lead
/// into a value: the whole name is tried first.</param>
public sealed record ConditionReference(string Text, string? Task, string Name)
{
    /// <summary>Gets whether this is `inputs['x']`, an input of the task itself.</summary>
    public bool IsInput { get; init; }

    public bool IsParameter => Task is null && !IsInput;

    public override string ToString() => Text;
}

/// <summary>
/// A condition over earlier outputs and parameters (`when`):
/// <code>
/// compare.promote and (evaluate@fast-tree.auc >= params.gate.auc or params.force == true)
/// </code>
/// Literals are numbers, 'text', "text", true, false, null. References are `task.output`, `params.a.b` and, for names that are no words,
/// `params['any name']`; `inputs['name']` is what the task itself is given. Operators are == != &lt; &lt;= &gt; &gt;=, and/&amp;&amp;,
/// or/||, not/!, parentheses; int(x) and double(x) turn text into numbers.
/// </summary>
public sealed class Condition
{
    private readonly ConditionNode root;

    private Condition(string text, ConditionNode root, IReadOnlyList<ConditionReference> references)
    {
        Text = text;
        this.root = root;
        References = references;
    }

    /// <summary>Gets the condition as it was written.</summary>
    public string Text { get; }

    /// <summary>Gets all references in order, each once.</summary>
    public IReadOnlyList<ConditionReference> References { get; }

    /// <summary>Parses a condition.</summary>
    /// <param name="text">The condition.</param>
    /// <param name="tasks">The names of existing tasks. A name with dots (`build@v1.2.size`) belongs to the task with the longest matching
    /// name. Without this list, a task's name ends at the first dot, and one with '@' at the last.</param>
    public static Condition Parse(string text, IReadOnlyCollection<string>? tasks = null)
    {
        var parser = new ConditionParser(text, tasks ?? []);
        var root = parser.Parse();
        return new Condition(text, root, [.. parser.References.Distinct()]);
    }

    /// <summary>Returns true if the condition holds.</summary>
    /// <param name="resolve">Returns the value of a reference, or null. A missing value is an error only once it is needed.</param>
    public bool Evaluate(Func<ConditionReference, JsonElement?> resolve)
    {
        var value = root.Evaluate(resolve);
        return value.AsBool
            ?? throw ServerlessException.Invalid(
                $"The condition '{Text}' is {value.Describe()}, not true or false.",
                "Compare it with a value, as in `evaluate.auc >= 0.8`."
            );
    }

    public override string ToString() => Text;
}
