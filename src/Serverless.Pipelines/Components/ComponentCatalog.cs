using System.Reflection;

namespace Serverless.Pipelines.Components;

/// <summary>The C# components of this host, by name.</summary>
public sealed class ComponentCatalog
{
    private readonly Dictionary<string, ComponentDescriptor> byName = new(StringComparer.Ordinal);

    public IEnumerable<ComponentDescriptor> All => byName.Values.OrderBy(c => c.Name, StringComparer.Ordinal);

    public ComponentDescriptor? Find(string name) => byName.GetValueOrDefault(name);

    /// <summary>Adds every class of the assembly with a <see cref="ComponentAttribute"/>.</summary>
    public ComponentCatalog AddAssembly(Assembly assembly)
    {
        foreach (var type in assembly.GetTypes())
        {
            if (type.GetCustomAttribute<ComponentAttribute>() is not null)
            {
                Add(type);
            }
        }

        return this;
    }

    public ComponentCatalog Add(Type type)
    {
        var attribute =
            type.GetCustomAttribute<ComponentAttribute>()
            ?? throw new ArgumentException($"{type} has no [Component(\"name\")].", nameof(type));
        var contract =
            type.BaseType is { IsGenericType: true } b && b.GetGenericTypeDefinition() == typeof(Component<>)
                ? b.GetGenericArguments()[0]
                : throw new ArgumentException($"{type} must derive from Component<TParameters>.", nameof(type));
        var descriptor = (ComponentDescriptor)
            Activator.CreateInstance(typeof(TypedComponent<>).MakeGenericType(contract), type, attribute)!;
        if (!byName.TryAdd(attribute.Name, descriptor))
        {
            throw new ArgumentException($"Two components are named '{attribute.Name}'.", nameof(type));
        }

        return this;
    }
}
