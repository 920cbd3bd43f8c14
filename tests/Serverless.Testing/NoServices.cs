namespace Serverless.Testing;

/// <summary>A host without services.</summary>
public sealed class NoServices : IServiceProvider
{
    public static NoServices Instance { get; } = new();

    public object? GetService(Type serviceType) => null;
}
