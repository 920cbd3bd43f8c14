using Serverless.Core;

namespace Serverless.Dvc.Reading.Templating;

/// <summary>The reason why a template could not be resolved. DVC words each one differently.</summary>
internal enum TemplateFault
{
    Syntax,
    Merge,
    AlreadyLoaded,
    KeyNotFound,
    ReservedKey,
    Load,

    /// <summary>A value that cannot be a variable: a date.</summary>
    Type,

    /// <summary>A variables file that is itself broken.</summary>
    BrokenFile,
}

internal sealed class TemplateException(TemplateFault fault, string message, string? file = null, int line = 0, string? fix = null)
    : Exception(message)
{
    public TemplateFault Fault { get; } = fault;

    /// <summary>Gets the faulty file, if it is not the pipeline file.</summary>
    public string? File { get; } = file;

    public int Line { get; } = line;

    public string? Fix { get; } = fix;

    public IReadOnlyList<Diagnostic> Diagnostics { get; init; } = [];

    /// <summary>Adds the finding, in DVC's wording for the location <paramref name="what"/>.</summary>
    public void Report(Findings findings, string what, int line)
    {
        switch (Fault)
        {
            case TemplateFault.BrokenFile:
                foreach (var d in Diagnostics)
                {
                    findings.Add(Errors.ParamsFile, d.Message, d.Line, d.Fix, d.File);
                }

                break;
            case TemplateFault.Type:
                findings.Add(Errors.Type, Message, File is null ? line : Line, Fix, File);
                break;
            default:
                var space = Fault is TemplateFault.Syntax or TemplateFault.Merge or TemplateFault.AlreadyLoaded ? "\n" : " ";
                findings.Add(Errors.Resolve, $"failed to parse {what} in '{findings.File}':{space}{Message}", line, Fix);
                break;
        }
    }
}
