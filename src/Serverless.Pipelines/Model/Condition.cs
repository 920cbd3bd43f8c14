using System.Text.Json;
namespace Serverless.Pipelines;
public sealed record ConditionReference(string? Task, string Path);
public sealed class Condition { public static Condition Parse(string s) => new(); public IReadOnlyList<ConditionReference> References => []; public bool Evaluate(Func<ConditionReference, JsonElement?> resolve) => true; }
public sealed record SourceFile(string Path, string FullPath, bool IsOptional = false);
public sealed record PipelineDocument(PipelineSpec Spec, string Directory, IReadOnlyList<SourceFile> Sources);
